import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadCard } from '../../models/shelf.ts';
import { AppError } from '../../pipeline/errors.ts';
import { writeFileAtomic } from '../../workers/images/file-sink.ts';
import { makeFolder } from '../../workers/make-folder.ts';
import type { Evaluation } from './evaluation-format.ts';
import { evaluationPage } from './evaluation-page.ts';
import { evaluationOf } from './evaluation.ts';
import { checkPlace, judgePlace, type JudgedPlace, type LabelledPlace } from './labelled-place.ts';
import { drawPlace, type PlacePictures } from './place-picture.ts';

const files = { json: 'evaluation.json', page: 'evaluation.html' } as const;
/** A page of more pictures is too heavy to send around. */
const mostPictures = 24;

export interface EvaluateOptions {
  /** classes that count as change; null = all */
  readonly into: readonly string[] | null;
  /** absolute path of the folder to write */
  readonly out: string;
  /** told of each step, one line */
  readonly tell: (line: string) => void;
}

/** @throws AppError CONFIG_INVALID for a file, or a folder that holds other things */
function checkOut(out: string): void {
  if (!existsSync(out)) return;
  const known: readonly string[] = Object.values(files);
  const strange = statSync(out).isDirectory() ? readdirSync(out).filter((name) => !known.includes(name)) : null;
  if (strange?.length === 0) return;
  throw new AppError(
    'CONFIG_INVALID',
    strange === null
      ? `--out ${out} is a file, not a folder.`
      : `--out ${out} holds other files (${strange.slice(0, 3).join(', ')}).`,
    'Give a new or empty folder.',
  );
}

/**
 * Judge labelled places as a run would and write `evaluation.json` and `evaluation.html`. All places are opened and
 * their labels read before the first is judged.
 *
 * @throws AppError of the first place that does not fit, naming it
 */
export async function evaluatePlaces(
  places: readonly LabelledPlace[],
  { into, out, tell }: EvaluateOptions,
): Promise<Evaluation> {
  checkOut(out);
  for (const place of places) await named(place, () => checkPlace(place, into));
  const judged: JudgedPlace[] = [];
  const pictures = new Map<string, PlacePictures>();
  for (const [i, place] of places.entries()) {
    tell(`${i + 1}/${places.length} ${place.name}`);
    const done = await named(place, () => judgePlace(place, into));
    judged.push(done);
    if (pictures.size < mostPictures) pictures.set(place.name, await drawPlace(done));
  }
  const path = judged[0]?.plan.model?.path;
  const evaluation = evaluationOf(judged, { into, status: path === undefined ? null : loadCard(path).card.status });
  await makeFolder(out);
  const write = (name: string, text: string): Promise<void> =>
    writeFileAtomic(join(out, name), new TextEncoder().encode(text));
  await write(files.json, `${JSON.stringify(evaluation, null, 2)}\n`);
  await write(files.page, evaluationPage(evaluation, pictures));
  return evaluation;
}

/** What goes wrong says where. */
async function named<T>({ name }: LabelledPlace, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `${name}: ${error.message}`, error.todo, { ...error.details, place: name }, error);
  }
}
