import type { Socket } from 'node:net';
import { asAppError } from '../../pipeline/errors.ts';
import type { Runs } from '../database/runs.ts';
import type { Engine } from '../engine.ts';
import { hasEnded, toFailure } from '../run-status.ts';
import type { Registry } from '../registry/registry.ts';
import { type Answer, type Question, protocolVersion, questionSchema, receive, send } from './protocol.ts';
import { answerRegistry } from './serve-registry.ts';
import { type Listening, listenOn } from './socket.ts';

const version = protocolVersion;

export interface Server {
  /** from now on every question is answered with `later` */
  refuse(): void;
  /** tells those who still wait to come again, and closes the socket; call it before the lock is released */
  close(): Promise<void>;
}

interface Served {
  readonly engine: Engine;
  readonly runs: Runs;
  readonly registry: Registry;
}

/** Answer other commands' questions while this process holds the data folder. */
export async function serveEngine(path: string, { engine, runs, registry }: Served): Promise<Server> {
  const waiting = new Set<Socket>();
  let isRefusing = false;

  async function answer(socket: Socket, question: Question): Promise<void> {
    const say = (message: Answer) => send(socket, message);
    if (isRefusing) {
      say({ version, say: 'later' });
      socket.end();
    } else if (question.ask === 'list') {
      const found = question.run === undefined ? await runs.list() : [await runs.find(question.run)];
      say({ version, say: 'list', runs: [...found] });
      socket.end();
    } else if (question.ask === 'cancel') {
      say({ version, say: 'status', status: await engine.cancel(question.run) });
      socket.end();
    } else if (question.ask !== 'start') {
      say(await answerRegistry(registry, question));
      socket.end();
    } else {
      waiting.add(socket);
      const runId = await engine.startRun(question.request, { since: question.since });
      const leave = engine.follow(runId, (status) => {
        say({ version, say: 'status', status });
        if (!hasEnded(status.state)) return;
        waiting.delete(socket);
        socket.end();
      });
      socket.once('close', leave);
      if (socket.destroyed) leave();
    }
  }

  const listening: Listening = await listenOn(path, (socket) => {
    const fail = (error: unknown) => {
      waiting.delete(socket);
      send(socket, { version, say: 'error', error: toFailure(asAppError(error)) });
      socket.end();
    };
    socket.once('close', () => waiting.delete(socket));
    receive(socket, questionSchema, { message: (question) => void answer(socket, question).catch(fail), misfit: fail });
  });

  return {
    refuse() {
      isRefusing = true;
    },
    async close() {
      for (const socket of waiting) send(socket, { version, say: 'later' });
      await listening.close();
    },
  };
}
