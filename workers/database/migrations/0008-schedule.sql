CREATE TABLE tianwatch.schedule (
  area      text PRIMARY KEY,
  pattern   text NOT NULL,
  zone      text NOT NULL,
  season    jsonb,
  request   jsonb NOT NULL,
  added_by  text NOT NULL REFERENCES tianwatch.app_user (name),
  added_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.schedule IS 'when an area is looked at for scenes; each firing does what one look of a watch does';
COMMENT ON COLUMN tianwatch.schedule.season IS 'days of the year in which it fires, and what they are called; null: all';

CREATE TABLE tianwatch.schedule_firing (
  area      text NOT NULL,
  slot      timestamptz NOT NULL,
  cause     text NOT NULL CHECK (cause IN ('due', 'caught-up')),
  state     text NOT NULL CHECK (state IN ('begun', 'ended')),
  outcome   text,
  begun_at  timestamptz NOT NULL,
  ended_at  timestamptz,
  PRIMARY KEY (area, slot)
);
COMMENT ON TABLE tianwatch.schedule_firing IS 'one line a slot that was served: the key keeps it from being served twice';
