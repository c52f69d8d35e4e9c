-- "bridge_replies_open" has the same rows, by integration. PostgreSQL took this one instead, and read what waits of all integrations for each
-- claim of one.

-- DropIndex
DROP INDEX "bridge_replies_unfinished";
