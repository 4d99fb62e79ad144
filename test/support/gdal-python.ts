import { spawnSync } from 'node:child_process';

const python = '/usr/bin/python3';

/** Whether Debian's python3-gdal (with its COG validator) is installed. */
export const hasGdalPython =
  spawnSync(python, ['-c', 'import osgeo.gdal, osgeo_utils.samples.validate_cloud_optimized_geotiff']).status === 0;

if (!hasGdalPython) process.stderr.write('skipped: python3-gdal is absent\n');

/**
 * Run a Python program against GDAL and parse the JSON it prints.
 *
 * @param input becomes `given` in the program
 */
export function runGdalPython(program: string, input: unknown = null): unknown {
  const preamble =
    'import json, sys\nfrom osgeo import gdal, ogr, osr\ngdal.UseExceptions()\ngiven = json.load(sys.stdin)\n';
  const { status, signal, stdout, stderr } = spawnSync(python, ['-c', preamble + program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`python ended with ${status ?? signal}: ${stderr}`);
  return JSON.parse(stdout);
}
