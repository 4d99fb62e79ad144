/** Rows of the tables as the drivers give them; `migrations/` makes them. */
export interface BaselineRow {
  kind: string;
  /** '' unless the kind is zone */
  zone: string;
  as_of: string;
  number: number;
  layer: string;
  object_key: string;
  file: string;
  features: number;
  area_m2: number;
  facts: unknown;
  state: 'current' | 'superseded';
  imported_by: string;
  imported_at: Date;
}

export interface ProjectRow {
  id: string;
  name: string;
  county: string;
  towns: unknown;
  stage: string;
  start_date: string | null;
  end_date: string | null;
  area_m2: number;
  as_of: string;
  digest: string;
  changed_at: Date;
}

export interface SubProjectRow {
  id: string;
  project: string;
  work: string;
  planned_code: string;
  town: string;
  planned_m2: number;
  area_m2: number;
  as_of: string;
  digest: string;
  changed_at: Date;
}

export interface SceneRow {
  id: string;
  files: unknown;
  acquired: string | null;
  sensor: string | null;
  gsd_m: number;
  first_run: string;
  recorded_at: Date;
}

export interface PatchRow {
  id: string;
  run_id: string;
  category: string;
  severity: string;
  state: string;
  is_lawful: boolean;
  area_m2: number;
  county: string | null;
  town: string | null;
  village: string | null;
  first_seen: string | null;
  last_seen: string | null;
  rule: string;
  rule_version: number;
  facts: unknown;
  /** sorts the looks at one patch: last_seen, date of the survey, version of the rule, run */
  look: string;
  recorded_at: Date;
}

export interface AlertRow {
  id: string;
  patch: string;
  kind: string;
  severity: string;
  state: string;
  rule: string;
  rule_version: number;
  look: string;
  assignee: string | null;
  due_date: string | null;
  opened_at: Date;
}

export interface UserRow {
  name: string;
  role: string;
  territory: string | null;
  created_at: Date;
}

export interface LookRow {
  id: string;
  date: string;
  sensor: string | null;
  gsd_m: number;
  kind: string;
  facts: unknown;
  recorded_at: Date;
}

export interface ReadingRow {
  id: string;
  look: string;
  /** '' where nothing is said of change */
  reference: string;
  reference_date: string | null;
  classes: unknown;
  facts: unknown;
  recorded_by: string;
  recorded_at: Date;
}

export interface ObservationRow {
  reading: string;
  subject: string;
  subject_id: string;
  town: string;
  area_m2: number;
  seen_m2: number;
  cloud_m2: number;
  shadow_m2: number;
  outside_m2: number;
  nodata_m2: number;
  failed_m2: number;
  outline: string;
  cells: Uint8Array | null;
}

export interface SightingRow {
  reading: string;
  id: string;
  category: string;
  class_before: string;
  class_after: string;
  area_m2: number;
  probability: number;
  lon_deg: number;
  lat_deg: number;
  shape: Uint8Array;
}

export interface Tables {
  look: LookRow;
  reading: ReadingRow;
  observation: ObservationRow;
  sighting: SightingRow;
  baseline: BaselineRow;
  project: ProjectRow;
  sub_project: SubProjectRow;
  scene: SceneRow;
  patch: PatchRow;
  alert: AlertRow;
  app_user: UserRow;
}
