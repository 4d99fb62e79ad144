/** The closed set of failures. `retry` is read by the queue, `exit` by the command line, `http` by the API. */
export const errorTable = {
  CONFIG_INVALID: { retry: 'never', exit: 2, http: 400, zh: '配置无效', en: 'a setting or argument is not valid' },
  INPUT_INVALID: { retry: 'never', exit: 1, http: 422, zh: '输入文件无效', en: 'an input file cannot be used' },
  NOT_FOUND: { retry: 'never', exit: 1, http: 404, zh: '未找到', en: 'what was named does not exist' },
  CONFLICT: { retry: 'never', exit: 1, http: 409, zh: '冲突', en: 'something else is already there' },
  UNAVAILABLE: { retry: 'backoff', exit: 1, http: 503, zh: '服务不可用', en: 'a service or device does not answer' },
  EXHAUSTED: { retry: 'backoff', exit: 1, http: 507, zh: '资源耗尽', en: 'disk, memory or a quota is used up' },
  MODEL_MISMATCH: {
    retry: 'never',
    exit: 1,
    http: 422,
    zh: '模型与影像不符',
    en: 'the model card and the scene do not fit',
  },
  CANCELLED: { retry: 'never', exit: 1, http: 409, zh: '已取消', en: 'somebody cancelled the run' },
  FORBIDDEN: { retry: 'never', exit: 1, http: 403, zh: '无权限', en: 'not allowed for this user' },
  BUG: { retry: 'never', exit: 1, http: 500, zh: '程序错误', en: 'a defect in this program' },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** What, where, which value (all in `message`), and what to do about it (`todo`). */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly todo: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, todo: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.todo = todo;
    this.details = details;
  }
}

/** Any thrown value as an AppError; what nobody translated is a BUG. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('BUG', message, 'Report this with the command that led to it.', {}, error);
}

/** One line for a terminal: code, what happened, what to do. */
export function describeError(error: unknown): string {
  const { code, message, todo } = asAppError(error);
  return `${code}: ${message}${todo ? ` ${todo}` : ''}`.replaceAll(/\s*\n\s*/g, ' ');
}
