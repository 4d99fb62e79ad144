import type { Socket } from 'node:net';
import { AppError } from '../../pipeline/errors.ts';
import type { StartOptions } from '../engine.ts';
import { type RunStatus, fromFailure, hasEnded } from '../run-status.ts';
import { type Answer, type Question, answerSchema, protocolVersion, receive, send } from './protocol.ts';

const version = protocolVersion;

/**
 * Put one question to the holder of the data folder and hand every answer to `onAnswer`.
 *
 * @returns `done` when `onAnswer` said so, `gone` when the holder went away or lets go: the lock may be free
 * @throws AppError what the holder answered, CANCELLED when `signal` fired first
 */
function converse(
  socket: Socket,
  question: Question,
  onAnswer: (answer: Answer) => boolean,
  signal?: AbortSignal,
): Promise<'done' | 'gone'> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(new AppError('CANCELLED', 'Interrupted.', 'The same command goes on where this one stopped.'));
      socket.destroy();
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => {
      signal?.removeEventListener('abort', stop);
      resolve('gone');
    });
    receive(socket, answerSchema, {
      message(answer) {
        if (answer.say === 'error') reject(fromFailure(answer.error));
        else if (answer.say === 'later') resolve('gone');
        else if (!onAnswer(answer)) return;
        else resolve('done');
        socket.end();
      },
      misfit(error) {
        reject(error);
        socket.destroy();
      },
    });
    send(socket, question);
  });
}

/** @returns the status with which the run ended, or null when the holder went away before */
export async function followThrough(
  socket: Socket,
  { request, start }: { readonly request: RunStatus['request']; readonly start?: StartOptions | undefined },
  onProgress: (status: RunStatus) => void,
  signal?: AbortSignal,
): Promise<RunStatus | null> {
  const answers: RunStatus[] = [];
  const hear = (answer: Answer) => {
    if (answer.say !== 'status') return false;
    onProgress(answer.status);
    if (hasEnded(answer.status.state)) answers.push(answer.status);
    return answers.length > 0;
  };
  await converse(
    socket,
    { version, ask: 'start', request, ...(start?.since !== undefined && { since: start.since }) },
    hear,
    signal,
  );
  return answers[0] ?? null;
}

/**
 * Put a question that has one answer.
 *
 * @param pick the wanted part of an answer, null for another answer
 * @returns null when the holder went away before it answered
 */
export async function askOnce<T>(
  socket: Socket,
  question: Question,
  pick: (answer: Answer) => T | null,
): Promise<T | null> {
  const answers: T[] = [];
  await converse(socket, question, (answer) => {
    const picked = pick(answer);
    return picked !== null && answers.push(picked) > 0;
  });
  return answers[0] ?? null;
}

/** @returns null when the holder went away before it answered */
export function askList(socket: Socket, run?: string): Promise<readonly RunStatus[] | null> {
  const question = { version, ask: 'list', ...(run !== undefined && { run }) } as const;
  return askOnce(socket, question, (answer) => (answer.say === 'list' ? answer.runs : null));
}

export function askCancel(socket: Socket, run: string): Promise<RunStatus | null> {
  return askOnce(socket, { version, ask: 'cancel', run }, (answer) => (answer.say === 'status' ? answer.status : null));
}
