import { userInfo } from 'node:os';

/** Who gives a command, where nobody says it: the name of the account that runs this process. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // an account without a name, as containers have
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
