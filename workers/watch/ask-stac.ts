import { AppError } from '../../pipeline/errors.ts';
import { readHttpText, shownUrl } from '../images/http-client.ts';
import type { Ask } from './stac-arrivals.ts';

/** Asks a STAC API, by the rule of hosts. @throws AppError as `readHttpText`; INPUT_INVALID for what is no JSON */
export const askStac: Ask = async ({ url, body, headers }) => {
  const text = await readHttpText(url, {
    method: body === null ? 'GET' : 'POST',
    headers: {
      accept: 'application/geo+json, application/json',
      ...(body !== null && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== null && { body: JSON.stringify(body) }),
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const todo = 'Give the URL of a STAC API 1.0 (its root, or one of its collections).';
    throw new AppError('INPUT_INVALID', `${shownUrl(url)} answers with no JSON.`, todo, { url: shownUrl(url) }, error);
  }
};
