import { startServices, type Services } from './services.ts';

/** An S3 of one test file; its address and keys are in the environment of this process until it is closed. */
export async function startS3(): Promise<Services> {
  const services = await startServices(['s3']);
  const before = Object.keys(services.env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, services.env);
  return {
    ...services,
    async close() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await services.close();
    },
  };
}
