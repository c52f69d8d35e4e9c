import { z } from 'zod';

/** Tables of its own, in the same PostgreSQL. */
export const RELAY_TABLES = `
  CREATE SCHEMA IF NOT EXISTS minimum;
  CREATE TABLE IF NOT EXISTS minimum.instances (name text PRIMARY KEY, token text NOT NULL);
  CREATE TABLE IF NOT EXISTS minimum.chats (number text PRIMARY KEY, conversation int NOT NULL);
  CREATE TABLE IF NOT EXISTS minimum.events (
    sequence bigserial PRIMARY KEY, instance text NOT NULL, payload text NOT NULL, acked_at timestamptz);
  CREATE TABLE IF NOT EXISTS minimum.postings (
    id text PRIMARY KEY, conversation int NOT NULL, message int, at timestamptz NOT NULL DEFAULT now())`;

/** From the front to the back, and the other way. */
export const eventFrame = z.object({ sequence: z.number(), event: z.unknown() });
export const ackFrame = z.object({ sequence: z.number() });
