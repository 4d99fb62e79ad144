CREATE TABLE tianwatch.series_run (
  id          text PRIMARY KEY,
  state       text NOT NULL CHECK (state IN ('running', 'interrupted', 'done', 'partial', 'no-input', 'failed', 'cancelled')),
  stage       text NOT NULL,
  done        integer NOT NULL,
  total       integer NOT NULL,
  request     jsonb NOT NULL,
  summary     jsonb,
  error       jsonb,
  created_at  timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.series_run IS 'series of a shared home; running is true only while the advisory lock (tianwatch.series, id) is held';
