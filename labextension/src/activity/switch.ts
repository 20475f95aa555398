/** Turns the record of what people do in notebooks on and off, as the setting says. */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

const RECORD_CELL_ACTIVITY = 'recordCellActivity';

/** The part of JupyterLab's settings that is needed. */
export interface ISettings {
  get(key: string): { composite: unknown };
  readonly changed: ISignal<unknown, unknown>;
}

/** What runs while the setting is on. */
export interface IRunning {
  reporter: IDisposable & { flush(): void };
  watch: IDisposable;
}

export class ActivitySwitch {
  constructor(private readonly start: () => IRunning) {}

  /** Do what the settings say, now and whenever they change. */
  follow(settings: ISettings): void {
    const apply = () => {
      this._set(settings.get(RECORD_CELL_ACTIVITY).composite === true);
    };
    settings.changed.connect(apply);
    apply();
  }

  /** Send what waits to be sent. */
  flush(): void {
    this._running?.reporter.flush();
  }

  private _set(on: boolean): void {
    if (on) {
      this._running ??= this.start();
    } else {
      this._running?.watch.dispose();
      this._running?.reporter.dispose();
      this._running = null;
    }
  }

  private _running: IRunning | null = null;
}
