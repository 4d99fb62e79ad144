import type { PgPool } from 'bullmq';

const deadlock = '40P01';
/** Of two that wait for each other the server gives one up after a second (`deadlock_timeout`). */
const triesAfterDeadlock = 5;

/**
 * The same pool, whose single statements are asked again when the server gave them up for another. It has undone them, and each
 * statement of BullMQ is a whole: a job that ends while its tree is submitted again would else be done once more, later.
 */
export function againAfterDeadlock(pool: PgPool): PgPool {
  const query: PgPool['query'] = async (text, params) => {
    for (let left = triesAfterDeadlock; ; left -= 1) {
      try {
        return await pool.query(text, params);
      } catch (error) {
        if (left === 0 || !(error instanceof Error && 'code' in error && error.code === deadlock)) throw error;
      }
    }
  };
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'query') return query;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
