CREATE TABLE tianwatch.watched_pair (
  id          text PRIMARY KEY,
  folder      text NOT NULL,
  out         text NOT NULL,
  before      jsonb NOT NULL,
  after       jsonb NOT NULL,
  files       jsonb NOT NULL,
  state       text NOT NULL CHECK (state IN ('begun', 'ended', 'superseded')),
  run_id      text NOT NULL,
  outcome     text,
  changed_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.watched_pair IS 'one line a pair of scenes that a watch has begun: what was run is never run again, also after a kill';
COMMENT ON COLUMN tianwatch.watched_pair.id IS 'sha256 over folder, settings and the contents of both scenes: where files lie and what they are called does not count';
COMMENT ON COLUMN tianwatch.watched_pair.folder IS 'where the watch puts its results';
COMMENT ON COLUMN tianwatch.watched_pair.files IS 'path and version of each file when the run was begun; another version after it: the run may have read both';
COMMENT ON COLUMN tianwatch.watched_pair.outcome IS 'how the run ended; of a failed one the code of its error';
CREATE INDEX watched_pair_folder ON tianwatch.watched_pair (folder);
