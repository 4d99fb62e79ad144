import { spawnSync } from 'node:child_process';

/** Debian's Python, or another that has a newer shapely. */
const python = process.env['TIANWATCH_SHAPELY_PYTHON'] ?? '/usr/bin/python3';

/** Version of the shapely that is there; null: none. */
export const shapelyVersion = ((): string | null => {
  const { status, stdout } = spawnSync(python, ['-c', 'import shapely, numpy; print(shapely.__version__)'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
})();

/**
 * Run a Python program with shapely and parse the JSON it prints.
 *
 * @param input becomes `given` in the program
 */
export function runShapely(program: string, input: unknown): unknown {
  const { status, signal, stdout, stderr } = spawnSync(
    python,
    ['-c', `import json, sys, shapely\nimport numpy as np\ngiven = json.load(sys.stdin)\n${program}`],
    { input: JSON.stringify(input), encoding: 'utf8', maxBuffer: 1 << 30 },
  );
  if (status !== 0) throw new Error(`python ended with ${status ?? signal}: ${stderr}`);
  return JSON.parse(stdout);
}
