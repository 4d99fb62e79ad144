CREATE TABLE tianwatch.app_user (
  name        text PRIMARY KEY,
  role        text NOT NULL CHECK (role IN ('operator', 'village', 'town', 'county', 'city', 'administrator')),
  territory   text CHECK (territory ~ '^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$'),
  created_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.app_user IS 'who acts; a name that is not known yet becomes an operator with its first act';
COMMENT ON COLUMN tianwatch.app_user.territory IS 'city, county, town or village code (4, 6, 9 or 12 digits); null: everywhere';

CREATE TABLE tianwatch.baseline (
  kind         text NOT NULL CHECK (kind IN ('land-survey', 'permanent-farmland', 'permit', 'zone', 'project', 'sub-project')),
  zone         text NOT NULL CHECK ((kind = 'zone') = (zone <> '')),
  as_of        text NOT NULL CHECK (as_of ~ '^\d{4}-\d{2}-\d{2}$'),
  number       integer NOT NULL CHECK (number = 1 OR kind IN ('project', 'sub-project')),
  layer        text NOT NULL CHECK (layer ~ '^[0-9a-f]{64}$'),
  object_key   text NOT NULL,
  file         text NOT NULL,
  features     integer NOT NULL,
  area_m2      double precision NOT NULL,
  facts        jsonb NOT NULL,
  state        text NOT NULL CHECK (state IN ('current', 'superseded')),
  imported_by  text NOT NULL REFERENCES tianwatch.app_user (name),
  imported_at  timestamptz NOT NULL,
  PRIMARY KEY (kind, zone, as_of, number)
);
COMMENT ON TABLE tianwatch.baseline IS 'one line a version of an imported layer; never edited, only superseded by a later one of its kind and zone';
COMMENT ON COLUMN tianwatch.baseline.as_of IS 'ISO date as text: drivers turn a date into local midnight';
COMMENT ON COLUMN tianwatch.baseline.number IS 'counts the whole sets of projects of one date; 1 for every other kind';
COMMENT ON COLUMN tianwatch.baseline.layer IS 'sha256 of the layer object in the image store';
CREATE INDEX baseline_layer ON tianwatch.baseline (layer);

CREATE TABLE tianwatch.project (
  id          text PRIMARY KEY,
  name        text NOT NULL,
  county      text NOT NULL,
  towns       jsonb NOT NULL,
  stage       text NOT NULL,
  start_date  text,
  end_date    text,
  area_m2     double precision NOT NULL,
  as_of       text NOT NULL,
  digest      text NOT NULL,
  changed_at  timestamptz NOT NULL
);
COMMENT ON COLUMN tianwatch.project.towns IS 'array of 9-digit town codes; more than one: a cross-town project';
COMMENT ON COLUMN tianwatch.project.digest IS 'sha256 over attributes and boundary; tells a changed project from the same one given again';

CREATE TABLE tianwatch.sub_project (
  id            text PRIMARY KEY,
  project       text NOT NULL REFERENCES tianwatch.project (id),
  work          text NOT NULL CHECK (work IN ('contiguous', 'high-standard', 'reclaimed', 'added', 'redeveloped')),
  planned_code  text NOT NULL,
  town          text NOT NULL,
  planned_m2    double precision NOT NULL,
  area_m2       double precision NOT NULL,
  as_of         text NOT NULL,
  digest        text NOT NULL,
  changed_at    timestamptz NOT NULL
);
CREATE INDEX sub_project_project ON tianwatch.sub_project (project);

CREATE TABLE tianwatch.scene (
  id           text PRIMARY KEY,
  files        jsonb NOT NULL,
  acquired     text,
  sensor       text,
  gsd_m        double precision NOT NULL,
  first_run    text NOT NULL REFERENCES tianwatch.run (id),
  recorded_at  timestamptz NOT NULL
);
COMMENT ON COLUMN tianwatch.scene.id IS 'sha256 over the sha256 of its files';

CREATE TABLE tianwatch.patch (
  id             text PRIMARY KEY,
  run_id         text NOT NULL REFERENCES tianwatch.run (id),
  category       text NOT NULL CHECK (category IN ('non-farm', 'non-grain', 'recovered', 'other', 'review')),
  severity       text NOT NULL CHECK (severity IN ('normal', 'high', 'severe')),
  state          text NOT NULL CHECK (state IN ('suspected', 'watch')),
  is_lawful      boolean NOT NULL,
  area_m2        double precision NOT NULL,
  county         text,
  town           text,
  village        text,
  first_seen     text,
  last_seen      text,
  rule           text NOT NULL,
  rule_version   integer NOT NULL,
  facts          jsonb NOT NULL,
  look           text NOT NULL,
  recorded_at    timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.patch IS 'one line a patch, as its latest look says; earlier looks are events';
COMMENT ON COLUMN tianwatch.patch.look IS 'sorts looks at one patch: last_seen, date of the survey, version of the rule, run';
CREATE INDEX patch_town ON tianwatch.patch (town, category);

CREATE TABLE tianwatch.alert (
  id            text PRIMARY KEY,
  patch         text NOT NULL REFERENCES tianwatch.patch (id),
  kind          text NOT NULL CHECK (kind IN ('non-farm', 'non-grain')),
  severity      text NOT NULL CHECK (severity IN ('normal', 'high', 'severe')),
  state         text NOT NULL CHECK (state IN ('open', 'withdrawn')),
  rule          text NOT NULL,
  rule_version  integer NOT NULL,
  look          text NOT NULL,
  assignee      text REFERENCES tianwatch.app_user (name),
  due_date      text,
  opened_at     timestamptz NOT NULL,
  UNIQUE (patch, kind)
);
COMMENT ON TABLE tianwatch.alert IS 'a suspicion that somebody has to look at; nothing here is a finding of law';
