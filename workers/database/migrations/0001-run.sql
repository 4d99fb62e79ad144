CREATE TABLE tianwatch.run (
  id           text PRIMARY KEY,
  round        integer NOT NULL,
  state        text NOT NULL CHECK (state IN ('running', 'interrupted', 'done', 'partial', 'no-input', 'failed', 'cancelled')),
  stage        text NOT NULL CHECK (stage IN ('open', 'infer', 'stitch', 'detect', 'report')),
  request      jsonb NOT NULL,
  fingerprint  text NOT NULL,
  plan         jsonb,
  chunks       integer,
  total_px     bigint,
  summary      jsonb,
  error        jsonb,
  created_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.run IS 'one line a run; every column but the request follows from the events of the run';
COMMENT ON COLUMN tianwatch.run.round IS 'counts how often the run was begun anew; part of every job id, so that jobs of an earlier round refuse themselves';

CREATE TABLE tianwatch.chunk (
  run_id  text NOT NULL REFERENCES tianwatch.run (id),
  round   integer NOT NULL,
  index   integer NOT NULL,
  state   text NOT NULL CHECK (state IN ('done', 'skipped', 'failed')),
  px      bigint NOT NULL,
  reason  text,
  PRIMARY KEY (run_id, round, index)
);

CREATE TABLE tianwatch.event (
  seq            bigint PRIMARY KEY,
  at             text NOT NULL,
  subject        text NOT NULL,
  subject_id     text NOT NULL,
  kind           text NOT NULL,
  body           jsonb NOT NULL,
  previous_hash  text NOT NULL,
  hash           text NOT NULL UNIQUE
);
COMMENT ON TABLE tianwatch.event IS 'append-only; hash = sha256 over previous_hash and the canonical JSON of the other columns';
CREATE INDEX event_subject ON tianwatch.event (subject, subject_id, seq);

CREATE FUNCTION tianwatch.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tianwatch.event is append-only';
END;
$$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tianwatch.event
  FOR EACH STATEMENT EXECUTE FUNCTION tianwatch.refuse_change();
