import { setEnv, startServices, type Services } from './services.ts';

/** An S3 of one test file; its address and keys are in the environment of this process until it is closed. */
export async function startS3(): Promise<Services> {
  const services = await startServices(['s3']);
  const restoreEnv = setEnv(services.env);
  return {
    ...services,
    async close() {
      restoreEnv();
      await services.close();
    },
  };
}
