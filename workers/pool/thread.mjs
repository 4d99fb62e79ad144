// A worker thread cannot load TypeScript by itself on Node 20: tsx is registered here, then the entry is loaded.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.entry);
