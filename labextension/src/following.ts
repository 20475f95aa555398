/** Looking at an export, again and again, also while its server does not answer. */
import type { IExportApi, IExportJob } from './api';
import { SERVER_UNREACHABLE, SessionExportError } from './errors';

/** Milliseconds between two looks. */
export const INTERVAL = 250;

/** Milliseconds before each new try while the server does not answer. */
const RETRIES = [250, 500, 1000, 2000, 4000];

/**
 * Ask for an export, several times where the server does not answer.
 *
 * @param onSilence is told of each answer that did not come and is waited for again.
 * @throws SessionExportError; anything once the signal is aborted.
 */
export async function look(
  api: Pick<IExportApi, 'follow'>,
  id: string,
  signal: AbortSignal,
  onSilence: () => void
): Promise<IExportJob> {
  for (const wait of RETRIES) {
    try {
      return await api.follow(id, signal);
    } catch (reason) {
      if (signal.aborted || !isUnanswered(reason)) {
        throw reason;
      }
      onSilence();
      await pause(wait, signal);
    }
  }
  return api.follow(id, signal);
}

/** Wait. Rejects as soon as the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(new Error('Aborted'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Tell whether an export is no more: cancelled, expired or forgotten. */
export function isGone(reason: unknown): boolean {
  return (
    reason instanceof SessionExportError &&
    (reason.status === 404 || reason.status === 410)
  );
}

function isUnanswered(reason: unknown): boolean {
  return reason instanceof SessionExportError && reason.code === SERVER_UNREACHABLE;
}
