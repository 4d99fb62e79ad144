import { readFileSync } from 'node:fs';
import { sensorTableSchema, type SensorTable } from '../../pipeline/scene/sensor.ts';

let table: SensorTable | null = null;

/** `config/sensors.json`, read once. */
export function sensorTable(): SensorTable {
  table ??= sensorTableSchema.parse(
    JSON.parse(readFileSync(new URL('../../config/sensors.json', import.meta.url), 'utf8')),
  );
  return table;
}
