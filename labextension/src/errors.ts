/** The codes of what the front end itself finds; all others are the server's own. */
export const SERVER_UNREACHABLE = 'SERVER_UNREACHABLE';
export const NOT_INSTALLED = 'NOT_INSTALLED';
export const UNAUTHENTICATED = 'UNAUTHENTICATED';
export const FORBIDDEN = 'FORBIDDEN';
export const BAD_ANSWER = 'BAD_ANSWER';
export const INTERNAL = 'INTERNAL';

/** Codes of the server's that the front end has words of its own for. */
export const CANCELLED_BY_USER = 'CANCELLED_BY_USER';
export const CANCELLED_SESSION_CHANGE = 'CANCELLED_SESSION_CHANGE';

/** What the server, or the way to it, answered instead of what was asked for. */
export class SessionExportError extends Error {
  override readonly name = 'SessionExportError';

  constructor(
    readonly code: string,
    message: string,
    readonly detail: string | null = null,
    readonly status: number | null = null
  ) {
    super(message);
  }

  /** Whatever was thrown, as an error that can be shown. */
  static from(reason: unknown): SessionExportError {
    if (reason instanceof SessionExportError) {
      return reason;
    }
    return new SessionExportError(
      INTERNAL,
      reason instanceof Error ? reason.message : String(reason)
    );
  }
}
