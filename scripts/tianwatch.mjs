#!/usr/bin/env node
// The sources are TypeScript and run as they are: tsx is registered here, then the command line is loaded.
import { register } from 'tsx/esm/api';

register();
await import('./tianwatch.ts');
