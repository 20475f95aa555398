/** Waiting, which tests needn't do. */

export type Pause = (milliseconds: number) => Promise<void>;

export const pause: Pause = milliseconds =>
  new Promise(resolve => {
    setTimeout(resolve, milliseconds);
  });
