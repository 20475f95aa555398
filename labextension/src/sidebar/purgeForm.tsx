/** Asks what of a session's record is to be removed. */
import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import type { ISession, PurgeScope } from './contract';

export type PurgeKind = 'all' | 'since' | 'notebook' | 'execution';

/** Minutes that can be taken back. */
const SPANS = [5, 15, 60, 240, 1440];

export class PurgeForm
  extends ReactWidget
  implements Dialog.IBodyWidget<PurgeScope | null>
{
  constructor(
    private readonly session: ISession,
    private readonly trans: TranslationBundle,
    kind: PurgeKind = 'all'
  ) {
    super();
    this.addClass('jp-SessionExport-purge');
    this._kind = kind;
    this._notebooks = notebooksOf(session);
    this._notebook = this._notebooks[0] ?? '';
  }

  /** What was chosen; null where it is not complete. */
  getValue(): PurgeScope | null {
    switch (this._kind) {
      case 'all':
        return { scope: 'all' };
      case 'since':
        return { last_seconds: this._minutes * 60 };
      case 'notebook':
        return this._notebook ? { notebook: this._notebook } : null;
      case 'execution':
        return this._execution > 0 ? { execution: this._execution } : null;
    }
  }

  protected override render(): React.JSX.Element {
    const { trans } = this;
    return (
      <>
        <fieldset className="jp-SessionExport-scopes">
          <legend>{trans.__('Remove from the record:')}</legend>
          {this._choice('all', trans.__('Everything'))}
          {this._choice('since', trans.__('The last'), this._spans())}
          {this._notebooks.length > 0 &&
            this._choice('notebook', trans.__('One notebook'), this._notebookList())}
          {this._choice('execution', trans.__('One execution, number'), this._number())}
        </fieldset>
        <p>{this._warning()}</p>
      </>
    );
  }

  private _choice(
    kind: PurgeKind,
    label: string,
    control?: React.ReactNode
  ): React.ReactNode {
    return (
      <div className="jp-SessionExport-scope">
        <label>
          <input
            type="radio"
            name="purge-scope"
            value={kind}
            checked={this._kind === kind}
            onChange={() => {
              this._set({ kind });
            }}
          />
          {label}
        </label>
        {control}
      </div>
    );
  }

  private _spans(): React.ReactNode {
    const { trans } = this;
    return (
      <select
        aria-label={trans.__('How far back')}
        value={this._minutes}
        onChange={event => {
          this._set({ kind: 'since', minutes: Number(event.currentTarget.value) });
        }}
      >
        {SPANS.map(minutes => (
          <option key={minutes} value={minutes}>
            {minutes < 60
              ? trans._n('%1 minute', '%1 minutes', minutes)
              : trans._n('%1 hour', '%1 hours', minutes / 60)}
          </option>
        ))}
      </select>
    );
  }

  private _notebookList(): React.ReactNode {
    return (
      <select
        aria-label={this.trans.__('Which notebook')}
        value={this._notebook}
        onChange={event => {
          this._set({ kind: 'notebook', notebook: event.currentTarget.value });
        }}
      >
        {this._notebooks.map(path => (
          <option key={path}>{path}</option>
        ))}
      </select>
    );
  }

  private _number(): React.ReactNode {
    return (
      <input
        type="number"
        min={1}
        step={1}
        aria-label={this.trans.__('Number of the execution')}
        onChange={event => {
          const execution = Math.floor(event.currentTarget.valueAsNumber) || 0;
          this._set({ kind: 'execution', execution });
        }}
      />
    );
  }

  /** What goes with the choice, and what stays. */
  private _warning(): string {
    const { session, trans } = this;
    const gone = {
      all:
        session.counts === null
          ? trans.__('All that was recorded goes, and the sensor readings.')
          : trans._n(
              'All that was recorded goes: %1 execution, and the sensor readings.',
              'All that was recorded goes: %1 executions, and the sensor readings.',
              session.counts.executions
            ),
      since: trans._n(
        'What ran or was still running in the last minute goes, readings too.',
        'What ran or was still running in the last %1 minutes goes, readings too.',
        this._minutes
      ),
      notebook: trans.__('All that was recorded of %1 goes.', this._notebook),
      execution: trans.__('This execution goes, with its source and outputs.')
    }[this._kind];
    const kept = trans.__(
      'Prepared ZIPs of this session go, too. Notebooks and files stay as they are. This cannot be undone.'
    );
    return `${gone} ${kept}`;
  }

  private _set(change: {
    kind: PurgeKind;
    minutes?: number;
    notebook?: string;
    execution?: number;
  }): void {
    this._kind = change.kind;
    this._minutes = change.minutes ?? this._minutes;
    this._notebook = change.notebook ?? this._notebook;
    this._execution = change.execution ?? this._execution;
    this.update();
  }

  private _execution = 0;
  private _kind: PurgeKind = 'all';
  private _minutes = SPANS[0] ?? 5;
  private _notebook: string;
  private readonly _notebooks: readonly string[];
}

/** Those that kernels run for now; what ran before is reached by its time or number. */
function notebooksOf(session: ISession): string[] {
  const paths = session.kernels
    .map(kernel => kernel.notebook)
    .filter(path => path !== null);
  return [...new Set(paths)].sort();
}
