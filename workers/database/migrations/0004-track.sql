ALTER TABLE tianwatch.patch RENAME TO track;
ALTER TABLE tianwatch.track DROP CONSTRAINT patch_state_check;
ALTER TABLE tianwatch.track DROP CONSTRAINT patch_category_check;
UPDATE tianwatch.track SET state = CASE state WHEN 'watch' THEN 'watched' ELSE 'probable' END;
ALTER TABLE tianwatch.track
  ALTER COLUMN run_id DROP NOT NULL,
  ALTER COLUMN first_seen SET DEFAULT '',
  ADD CONSTRAINT track_state_check CHECK (state IN ('watched', 'probable', 'confirmed', 'expired', 'reversed')),
  ADD COLUMN source text NOT NULL DEFAULT '',
  ADD COLUMN axis text NOT NULL DEFAULT 'land-class' CHECK (axis IN ('land-class', 'planting')),
  ADD COLUMN confirmed_on text,
  ADD COLUMN looks_to_confirm integer,
  ADD COLUMN merged_into text,
  ADD COLUMN history jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN observations jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN policies jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN ground jsonb,
  ADD COLUMN west double precision,
  ADD COLUMN south double precision,
  ADD COLUMN east double precision,
  ADD COLUMN north double precision,
  ADD COLUMN gone text;
UPDATE tianwatch.track SET source = 'run ' || run_id, first_seen = coalesce(first_seen, ''), last_seen = coalesce(last_seen, ''),
  history = jsonb_build_array(jsonb_build_object('date', coalesce(first_seen, ''), 'event', 'appeared', 'state', state, 'areaM2', area_m2));
ALTER TABLE tianwatch.track ALTER COLUMN first_seen SET NOT NULL, ALTER COLUMN last_seen SET NOT NULL;
COMMENT ON TABLE tianwatch.track IS 'one line a piece of changed ground through all looks of its source; of a pair of dates each patch is one';
COMMENT ON COLUMN tianwatch.track.source IS 'the pair of scenes or the series whose looks it is from; a series says all of its tracks at once';
COMMENT ON COLUMN tianwatch.track.first_seen IS 'ISO date as text; empty where no file says it';
COMMENT ON COLUMN tianwatch.track.ground IS 'newest outline, coordinates of a GeoJSON MultiPolygon (degrees); null where it is not known';
COMMENT ON COLUMN tianwatch.track.gone IS 'why its source no longer shows it; null: it does';
CREATE INDEX track_source ON tianwatch.track (source);
CREATE INDEX track_box ON tianwatch.track (west, east, south, north);

CREATE TABLE tianwatch.track_lineage (
  parent  text NOT NULL,
  child   text NOT NULL,
  PRIMARY KEY (parent, child)
);
COMMENT ON TABLE tianwatch.track_lineage IS 'which tracks came from which, by split or merger';

CREATE TABLE tianwatch.evidence (
  key          text PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('photo', 'tower-still', 'document')),
  file         text NOT NULL,
  bytes        bigint NOT NULL,
  facts        jsonb NOT NULL,
  recorded_by  text NOT NULL REFERENCES tianwatch.app_user (name),
  recorded_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.evidence IS 'a file in the image store, named by the sha256 of its bytes; never changed';

CREATE TABLE tianwatch.verdict (
  id           text PRIMARY KEY,
  track        text NOT NULL,
  axis         text NOT NULL CHECK (axis IN ('land-class', 'planting')),
  says         text NOT NULL CHECK (says IN ('confirmed', 'refuted', 'lawful', 'restored')),
  date         text NOT NULL,
  ground       jsonb,
  west         double precision,
  south        double precision,
  east         double precision,
  north        double precision,
  evidence     jsonb NOT NULL,
  facts        jsonb NOT NULL,
  given_by     text NOT NULL REFERENCES tianwatch.app_user (name),
  why          text NOT NULL,
  recorded_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.verdict IS 'what a person found on the spot; it stays with its ground, whatever becomes of the track';
CREATE INDEX verdict_track ON tianwatch.verdict (track);

CREATE TABLE tianwatch.task (
  id         text PRIMARY KEY,
  place      text NOT NULL,
  quarter    text NOT NULL CHECK (quarter ~ '^\d{4}-Q[1-4]$'),
  state      text NOT NULL CHECK (state IN ('open', 'done')),
  due_date   text NOT NULL,
  alerts     jsonb NOT NULL,
  opened_at  timestamptz NOT NULL,
  UNIQUE (place, quarter)
);
COMMENT ON TABLE tianwatch.task IS 'one errand: what of one village is asked for within one quarter';

DELETE FROM tianwatch.alert older USING tianwatch.alert newer
  WHERE older.patch = newer.patch AND (older.look, older.id) < (newer.look, newer.id);
ALTER TABLE tianwatch.alert DROP CONSTRAINT alert_patch_kind_key;
ALTER TABLE tianwatch.alert DROP CONSTRAINT alert_state_check;
ALTER TABLE tianwatch.alert DROP CONSTRAINT alert_kind_check;
ALTER TABLE tianwatch.alert DROP CONSTRAINT alert_patch_fkey;
ALTER TABLE tianwatch.alert RENAME COLUMN patch TO track;
ALTER TABLE tianwatch.alert
  DROP COLUMN look,
  ADD CONSTRAINT alert_state_check
    CHECK (state IN ('open', 'confirmed', 'refuted', 'lawful', 'recovering', 'closed', 'withdrawn')),
  ADD COLUMN axis text NOT NULL DEFAULT 'land-class' CHECK (axis IN ('land-class', 'planting')),
  ADD COLUMN tracks jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN certainty text NOT NULL DEFAULT 'probable' CHECK (certainty IN ('probable', 'confirmed')),
  ADD COLUMN area_m2 double precision NOT NULL DEFAULT 0,
  ADD COLUMN policies jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN county text,
  ADD COLUMN town text,
  ADD COLUMN village text,
  ADD COLUMN asked_on text NOT NULL DEFAULT '',
  ADD COLUMN task text,
  ADD COLUMN history jsonb NOT NULL DEFAULT '[]';
UPDATE tianwatch.alert SET id = left(encode(sha256(convert_to(axis || E'\n' || track, 'UTF8')), 'hex'), 16),
  tracks = jsonb_build_array(track);
COMMENT ON COLUMN tianwatch.alert.history IS 'what happened, by the dates of the looks; follows from tracks and verdicts alone';
COMMENT ON COLUMN tianwatch.alert.rule IS 'row of category.json; the named rules that it may touch stand in policies, each with its version';
CREATE UNIQUE INDEX alert_track ON tianwatch.alert (axis, track);
CREATE INDEX alert_tracks ON tianwatch.alert USING gin (tracks);
CREATE INDEX alert_place ON tianwatch.alert (county, town, village);

CREATE TABLE tianwatch.outbox (
  key         text PRIMARY KEY,
  alert       text NOT NULL,
  kind        text NOT NULL,
  body        jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  sent_at     timestamptz
);
COMMENT ON TABLE tianwatch.outbox IS 'what somebody is to be told; written with the alert, sent later';
CREATE INDEX outbox_unsent ON tianwatch.outbox (created_at) WHERE sent_at IS NULL;
