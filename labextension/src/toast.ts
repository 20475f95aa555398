/** One notification whose content changes, at a pace that JupyterLab can follow. */
import type { Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';

/** Milliseconds between two looks for a new notification, and how often to look. */
const LOOK = 50;
const LOOKS = 40;

/** A notification whose progress reaches 1 closes itself, whatever is to be shown next. */
const FULL = 0.999;

/** The part of JupyterLab's notification manager that is needed here. */
export interface INotifier {
  notify(
    message: string,
    type: Notification.TypeOptions,
    options: Notification.IOptions<never>
  ): string;
  update(args: Notification.IUpdate<never>): boolean;
  dismiss(id: string): void;
}

export interface IToastContent {
  message: string;
  type: Notification.TypeOptions;
  progress?: number;
  autoClose: number | false;
  actions: Notification.IAction[];
}

export interface IToastOptions {
  notifier: INotifier;
  /** Tells whether a notification is on the screen. */
  isSeen: (id: string) => boolean;
  /** Tells an error that JupyterLab has not managed to show, or was told not to. */
  onUnseen: (error: string) => void;
}

/**
 * JupyterLab fetches the code for notifications with the first one, and loses what changes
 * before a new one is on the screen. So until then only the newest content is kept.
 */
export class Toast implements IDisposable {
  constructor(
    private readonly options: IToastOptions,
    content: IToastContent
  ) {
    this._content = content;
    this._id = this._emit();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Show other content, now or as soon as it can be. */
  show(content: IToastContent): void {
    if (this._isDisposed || isSame(content, this._content)) {
      return;
    }
    this._content = content;
    if (this._look()) {
      this._update();
    }
  }

  /** Take it off the screen. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    this.options.notifier.dismiss(this._id);
  }

  private _emit(): string {
    const { message, type, ...options } = drawn(this._content);
    const id = this.options.notifier.notify(message, type, options);
    this._shown = this._content;
    this._wait(LOOKS);
    return id;
  }

  /** Tell whether the content may change now; who has hidden progress gets only the end. */
  private _look(): boolean {
    const isSeen = this.options.isSeen(this._id);
    this._wasSeen ||= isSeen;
    const isWaiting = this._timer !== undefined;
    const isHidden = this._wasSeen && this._content.type === 'in-progress';
    return isSeen || !(isWaiting || isHidden);
  }

  private _wait(looks: number): void {
    this._timer = setTimeout(() => {
      this._timer = undefined;
      if (this._wasSeen || this.options.isSeen(this._id) || looks === 0) {
        this._look();
        this._update();
      } else {
        this._wait(looks - 1);
      }
    }, LOOK);
  }

  private _update(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    if (this._content !== this._shown) {
      this._shown = this._content;
      if (!this.options.notifier.update({ id: this._id, ...drawn(this._content) })) {
        this._id = this._emit();
      }
    }
    if (this._content.type === 'error' && !this._wasSeen) {
      this.options.onUnseen(this._content.message);
    }
  }

  private _content: IToastContent;
  private _id: string;
  private _isDisposed = false;
  private _shown: IToastContent | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _wasSeen = false;
}

/** Tell whether a notification is on the screen, by itself or in the list of all. */
export function isNotificationSeen(id: string): boolean {
  return (
    document.getElementById(id) !== null ||
    document.querySelector('.jp-Notification-Center') !== null
  );
}

function drawn(content: IToastContent): IToastContent {
  const { progress } = content;
  return progress === undefined
    ? content
    : { ...content, progress: Math.min(progress, FULL) };
}

function isSame(one: IToastContent, other: IToastContent): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
