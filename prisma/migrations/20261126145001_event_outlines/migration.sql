-- What a large event is, without its large contents: bridges get this much first, and the whole of it when its turn has come.
ALTER TABLE "engine_events" ADD COLUMN     "outline" TEXT;
