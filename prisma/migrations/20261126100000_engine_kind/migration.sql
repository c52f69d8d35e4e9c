-- Which kind of WhatsApp engine an instance is paired in, and which can read an event that was set aside. All there were are RyzeAPI's.

-- AlterTable
ALTER TABLE "instances" ADD COLUMN "engine_kind" TEXT NOT NULL DEFAULT 'ryzeapi';

-- AlterTable
ALTER TABLE "bridge_dead_letters" ADD COLUMN "engine_kind" TEXT NOT NULL DEFAULT 'ryzeapi';
