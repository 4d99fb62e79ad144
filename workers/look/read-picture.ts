import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { cameraOfPhoto, cameraOfTower, cameraSchema } from '../../pipeline/look/camera.ts';
import type { Picture } from '../../pipeline/look/evidence.ts';
import { isJpeg, readExif } from '../../pipeline/look/exif.ts';
import type { LookRules } from '../../pipeline/look/look-rules.ts';
import { fileError } from '../images/file-sink.ts';

/** A picture file as evidence. */
export interface ReadPicture {
  readonly path: string;
  readonly file: string;
  readonly bytes: Uint8Array;
  /** key in the image store: the sha256 of its bytes */
  readonly key: string;
  readonly kind: 'photo' | 'tower-still';
  readonly picture: Picture;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

function sidecarOf(text: string, path: string) {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new AppError('INPUT_INVALID', `${path} is no JSON.`, 'Write it as docs/formats.md says.', {}, error);
  }
  const parsed = cameraSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`;
  throw new AppError('INPUT_INVALID', message, 'Write it as docs/formats.md says (tianwatch-camera/1).');
}

/**
 * A photo by its EXIF, or a tower's still by `<still>.camera.json` beside it.
 *
 * @throws AppError INPUT_INVALID where the file is no JPEG or its registration is none; UNAVAILABLE where the disk fails
 */
export async function readPicture(path: string, rules: LookRules): Promise<ReadPicture> {
  const bytes = await bytesOf(path);
  if (!isJpeg(bytes))
    throw new AppError(
      'INPUT_INVALID',
      `${path} is no JPEG.`,
      'Give the original photo; HEIC has to be exported as JPEG with its EXIF.',
    );
  const sidecarPath = `${path}.camera.json`;
  const key = `evidence/${createHash('sha256').update(bytes).digest('hex')}`;
  const common = { path, file: basename(path), bytes, key };
  if (existsSync(sidecarPath)) {
    const sidecar = sidecarOf(new TextDecoder().decode(await bytesOf(sidecarPath)), sidecarPath);
    return {
      ...common,
      kind: 'tower-still',
      picture: { camera: cameraOfTower(sidecar, rules), takenAt: sidecar.takenAt },
    };
  }
  const exif = readExif(bytes);
  const picture = { camera: exif === null ? null : cameraOfPhoto(exif, rules), takenAt: exif?.takenAt ?? null };
  return { ...common, kind: 'photo', picture };
}
