// A worker thread cannot load TypeScript by itself on Node 20: tsx is registered here first.
import { register } from 'tsx/esm/api';

register();
await import('./pglite.thread.ts');
