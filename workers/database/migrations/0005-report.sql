CREATE TABLE tianwatch.report (
  id           text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
  file         text NOT NULL,
  facts        jsonb NOT NULL,
  imported_by  text NOT NULL REFERENCES tianwatch.app_user (name),
  imported_at  timestamptz NOT NULL
);
COMMENT ON TABLE tianwatch.report IS 'one line a file of monthly reports; id = sha256 over what was read out of it';

CREATE TABLE tianwatch.report_row (
  report       text NOT NULL REFERENCES tianwatch.report (id),
  line         integer NOT NULL,
  month        text,
  county       text,
  project      text NOT NULL,
  sub_project  text,
  town         text,
  work         text,
  planned_m2   double precision,
  reported_m2  double precision,
  refused      text,
  cells        jsonb NOT NULL,
  PRIMARY KEY (report, line)
);
COMMENT ON COLUMN tianwatch.report_row.refused IS 'why the row does not count; null: it counts in the version of its month and county';
CREATE INDEX report_row_month ON tianwatch.report_row (month, county);

CREATE TABLE tianwatch.report_version (
  month        text NOT NULL CHECK (month ~ '^\d{4}-\d{2}$'),
  county       text NOT NULL CHECK (county ~ '^\d{6}$'),
  number       integer NOT NULL,
  report       text NOT NULL REFERENCES tianwatch.report (id),
  digest       text NOT NULL,
  rows         integer NOT NULL,
  reported_m2  double precision NOT NULL,
  state        text NOT NULL CHECK (state IN ('current', 'superseded')),
  recorded_at  timestamptz NOT NULL,
  PRIMARY KEY (month, county, number)
);
COMMENT ON TABLE tianwatch.report_version IS 'what a county said of a month; a later version supersedes, none is edited';
