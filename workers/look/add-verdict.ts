import type { Home } from '../home.ts';
import { AppError } from '../../pipeline/errors.ts';
import { judgePicture } from '../../pipeline/look/evidence.ts';
import { composeImages } from '../compose.ts';
import { giveVerdict, showAlert } from '../registry/alert-door.ts';
import type { AlertDetail, NewVerdict } from '../registry/alert-record.ts';
import { loadLookRules } from '../rule/load-rules.ts';
import { readPicture } from './read-picture.ts';

export interface VerdictOptions extends Pick<NewVerdict, 'alert' | 'says' | 'date' | 'by' | 'why'> {
  readonly home: Home;
  /** photos, and stills with their registration beside them */
  readonly photos: readonly string[];
}

/**
 * Judge the pictures, store them by their hash, and record the verdict. Nothing is stored when one of them is no look
 * at this place.
 *
 * @throws AppError INPUT_INVALID with all that is wrong with the pictures; NOT_FOUND, CONFLICT as `showAlert`
 */
export async function addVerdict(options: VerdictOptions): Promise<AlertDetail> {
  const { home, photos, alert: start, says, date, by, why } = options;
  const rules = loadLookRules();
  const { alert, ground, since } = await showAlert(home, start);
  const read = [];
  for (const path of photos) read.push(await readPicture(path, rules));
  const judged = read.map((picture) => ({
    ...picture,
    ...(ground === null
      ? { view: null, problems: [] }
      : judgePicture(picture.picture, { ground, since, verdictDate: date }, rules)),
  }));
  const wrong = judged.flatMap(({ file, problems }) =>
    problems.map(({ code, zh, en }) => `${file}: ${code} ${zh} / ${en}`),
  );
  if (wrong.length > 0)
    throw new AppError(
      'INPUT_INVALID',
      `${wrong.join('; ')}.`,
      'Give photos taken at the patch, towards it, with position, direction and time in their EXIF.',
      { alert: alert.id },
    );
  const images = await composeImages(home);
  for (const { key, bytes } of judged) await images.put(key, bytes);
  const evidence = judged.map(({ key, kind, file, bytes, picture, view }) => ({
    key,
    kind,
    file,
    bytes: bytes.length,
    facts: { ...picture, view, rules: rules.version },
  }));
  return giveVerdict(home, { alert: alert.id, says, date, by, why, evidence });
}
