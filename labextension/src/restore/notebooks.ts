/** Restores into all notebooks of a page, each once, however many views it has. */
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { INotifier } from '../toast';
import type { IRunsApi } from './api';
import type { Declined } from './declined';
import { isKeptByOthers } from './keepOut';
import { OpenNotebook } from './notebook';
import { RestoreNotices, type IDeeds } from './notices';
import { Occasions } from './occasions';
import type { Mode } from './offers';
import { Questions } from './questions';
import { Restorer } from './restorer';

/** What a page's notebooks share. */
export interface IRestoringOptions {
  api: IRunsApi;
  declined: Declined;
  mode: () => Mode;
  never: () => void;
  notifier: INotifier;
  /** Tells whether a notification is on the screen. */
  isSeen: (id: string) => boolean;
  trans: TranslationBundle;
}

export class Restorers {
  constructor(private readonly options: IRestoringOptions) {}

  /** Watch a notebook until it is closed. */
  add(panel: NotebookPanel): void {
    const { context } = panel;
    void context.ready.then(
      () => {
        if (!panel.isDisposed && !isKeptByOthers(context)) {
          (this._all.get(context) ?? this._begin(context)).add(panel);
        }
      },
      // A notebook that can't be loaded has no cells; JupyterLab has told why.
      () => undefined
    );
  }

  of(panel: NotebookPanel | null): Restorer | null {
    return (panel && this._all.get(panel.context)?.restorer) ?? null;
  }

  /** A cell runs again, or has been cleared by a person. */
  cleared(panel: NotebookPanel | null, cellId: string, isByPerson: boolean): void {
    const restorer = this.of(panel);
    restorer?.leave(cellId);
    if (restorer && isByPerson) {
      this._cleared.set(restorer, [...(this._cleared.get(restorer) ?? []), cellId]);
      clearTimeout(this._timer);
      // A command that clears all cells has a signal for each of them.
      this._timer = setTimeout(() => {
        this._tellCleared();
      });
    }
  }

  private _begin(context: NotebookPanel['context']): Restoring {
    const restoring = new Restoring(context, this.options);
    this._all.set(context, restoring);
    context.disposed.connect(() => {
      this._all.delete(context);
      restoring.dispose();
    });
    return restoring;
  }

  private _tellCleared(): void {
    for (const [restorer, ids] of this._cleared) {
      // If the server can't be asked, they are offered again, which loses nothing.
      restorer.cleared(new Set(ids)).catch(() => undefined);
    }
    this._cleared.clear();
  }

  private readonly _all = new Map<NotebookPanel['context'], Restoring>();
  private readonly _cleared = new Map<Restorer, string[]>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

/** What belongs to one notebook while it is open. */
class Restoring implements IDisposable {
  readonly restorer: Restorer;

  constructor(context: NotebookPanel['context'], options: IRestoringOptions) {
    const { api, declined, isSeen, mode, never, notifier, trans } = options;
    const notebook = new OpenNotebook(context);
    this._notebook = notebook;
    this._notices = new RestoreNotices({
      notifier,
      isSeen,
      trans,
      name: () => PathExt.basename(notebook.path),
      deeds: this._deeds(never)
    });
    const tells = this._notices;
    const asks = new Questions({
      notifier,
      trans,
      name: () => PathExt.basename(notebook.path),
      answer: text => {
        notebook.answer(text);
      }
    });
    this._questions = asks;
    this.restorer = new Restorer({ api, asks, declined, mode, notebook, tells });
    this._occasions = new Occasions({
      session: context.sessionContext,
      look: () => void this.restorer.look(),
      isRunning: () =>
        [...notebook.cells().values()].some(cell => cell.executionState === 'running'),
      kernelGone: () => {
        this.restorer.kernelGone();
      }
    });
  }

  get isDisposed(): boolean {
    return this.restorer.isDisposed;
  }

  add(view: NotebookPanel): void {
    this._notebook.add(view);
  }

  dispose(): void {
    this._occasions.dispose();
    this.restorer.dispose();
    this._notices.dispose();
    this._questions.dispose();
  }

  private _deeds(never: () => void): IDeeds {
    return {
      restore: runs => {
        void this.restorer.restore(runs).then(outcome => {
          this._notices.restored(outcome);
        });
      },
      decline: runs => {
        this.restorer.decline(runs);
      },
      undo: () => {
        this.restorer.undo();
      },
      never
    };
  }

  private readonly _notebook: OpenNotebook;
  private readonly _notices: RestoreNotices;
  private readonly _occasions: Occasions;
  private readonly _questions: Questions;
}
