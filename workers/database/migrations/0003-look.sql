CREATE TABLE tianwatch.look (
  id           text PRIMARY KEY,
  date         text NOT NULL CHECK (date ~ '^\d{4}-\d{2}-\d{2}$'),
  sensor       text,
  gsd_m        double precision NOT NULL CHECK (gsd_m > 0),
  kind         text NOT NULL CHECK (kind IN ('satellite', 'uav', 'tower', 'ground')),
  facts        jsonb NOT NULL,
  recorded_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.look IS 'one look at the ground: a scene (then its id is that of the scene), a photo, a visit';
COMMENT ON COLUMN tianwatch.look.date IS 'ISO date as text: drivers turn a date into local midnight; a scene without a date is no look';

CREATE TABLE tianwatch.reading (
  id              text PRIMARY KEY,
  look            text NOT NULL REFERENCES tianwatch.look (id),
  reference       text NOT NULL,
  reference_date  text CHECK (reference_date ~ '^\d{4}-\d{2}-\d{2}$'),
  classes         jsonb NOT NULL,
  facts           jsonb NOT NULL,
  recorded_by     text NOT NULL,
  recorded_at     timestamptz NOT NULL,
  CHECK ((reference = '') = (reference_date IS NULL))
);
COMMENT ON TABLE tianwatch.reading IS 'what one program, model and set of layers read out of a look; of one look and reference the latest counts';
COMMENT ON COLUMN tianwatch.reading.id IS 'sha256 over look, reference and all that shaped the result: read again alike it is the same reading';
COMMENT ON COLUMN tianwatch.reading.reference IS 'what changes are told against: a look, or a series; empty: nothing is said of change';
COMMENT ON COLUMN tianwatch.reading.classes IS 'names of classes by code, an object';
CREATE INDEX reading_look ON tianwatch.reading (look, reference);

CREATE TABLE tianwatch.observation (
  reading     text NOT NULL REFERENCES tianwatch.reading (id),
  subject     text NOT NULL CHECK (subject IN ('sub-project', 'town', 'survey', 'patch', 'track')),
  subject_id  text NOT NULL,
  town        text NOT NULL,
  area_m2     double precision NOT NULL,
  seen_m2     double precision NOT NULL,
  cloud_m2    double precision NOT NULL,
  shadow_m2   double precision NOT NULL,
  outside_m2  double precision NOT NULL,
  nodata_m2   double precision NOT NULL,
  failed_m2   double precision NOT NULL,
  outline     text NOT NULL,
  cells       bytea,
  PRIMARY KEY (reading, subject, subject_id, town)
);
COMMENT ON TABLE tianwatch.observation IS 'how much of a subject a reading saw, and why not the rest; area = seen + cloud + shadow + outside + nodata + failed';
COMMENT ON COLUMN tianwatch.observation.subject_id IS 'id of a sub-project, patch or track; code of a town; of a survey the sha256 of its layer';
COMMENT ON COLUMN tianwatch.observation.town IS '9 digits: the part in that town; empty where the subject is not divided';
COMMENT ON COLUMN tianwatch.observation.outline IS 'sha256 of the outline that the cells were laid in: cells of another outline do not fit';
COMMENT ON COLUMN tianwatch.observation.cells IS 'runs of ground codes by cell; of a survey one byte a parcel, the share that was seen';
CREATE INDEX observation_subject ON tianwatch.observation (subject, subject_id);

CREATE TABLE tianwatch.sighting (
  reading       text NOT NULL REFERENCES tianwatch.reading (id),
  id            text NOT NULL,
  category      text NOT NULL CHECK (category IN ('non-farm', 'non-grain', 'recovered', 'other', 'review')),
  class_before  text NOT NULL,
  class_after   text NOT NULL,
  area_m2       double precision NOT NULL,
  probability   double precision NOT NULL,
  lon_deg       double precision NOT NULL,
  lat_deg       double precision NOT NULL,
  shape         bytea NOT NULL,
  PRIMARY KEY (reading, id)
);
COMMENT ON TABLE tianwatch.sighting IS 'one patch that a reading shows as other ground than at its reference';
COMMENT ON COLUMN tianwatch.sighting.lon_deg IS 'centre of the equal-area frame that the shape is in';
COMMENT ON COLUMN tianwatch.sighting.shape IS 'polygons in frame metres, as pipeline/ledger/shape-bytes.ts writes them';

CREATE FUNCTION tianwatch.refuse_other_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tianwatch.% holds facts: rows are added, never edited', TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER reading_is_fact BEFORE UPDATE OR DELETE OR TRUNCATE ON tianwatch.reading
  FOR EACH STATEMENT EXECUTE FUNCTION tianwatch.refuse_other_fact();
CREATE TRIGGER observation_is_fact BEFORE UPDATE OR DELETE OR TRUNCATE ON tianwatch.observation
  FOR EACH STATEMENT EXECUTE FUNCTION tianwatch.refuse_other_fact();
CREATE TRIGGER sighting_is_fact BEFORE UPDATE OR DELETE OR TRUNCATE ON tianwatch.sighting
  FOR EACH STATEMENT EXECUTE FUNCTION tianwatch.refuse_other_fact();
