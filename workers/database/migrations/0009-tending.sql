CREATE TABLE tianwatch.tending (
  source       text NOT NULL,
  project      text NOT NULL,
  year         integer NOT NULL,
  groups       jsonb NOT NULL,
  recorded_at  timestamptz NOT NULL,
  PRIMARY KEY (source, project, year)
);
COMMENT ON TABLE tianwatch.tending IS 'cropland of a project in a crop year by what a series says of it; a series says all of it at once';
