/** A list of runs, and beside it the code and the outputs of the one that is looked at. */
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import React from 'react';

import { Button, Message } from '../sidebar/parts';
import { failureText } from '../texts';
import { runKey, type IRunOutputs } from './contract';
import { lineDiff, type IDiffLine } from './diff';
import type { History, IEntry } from './history';
import { beginText, resultText } from './texts';

/** So many outputs are drawn at first; JupyterLab's own "Show more" has the rest. */
const MOST_DRAWN = 50;

const MARKS: Record<IDiffLine['kind'], string> = { same: ' ', before: '−', after: '+' };

export interface IHistoryOptions {
  history: History;
  /** The code that the cell has now; null where there is no cell. */
  source: string | null;
  rendermime: IRenderMimeRegistry;
  /** What is said where there are no runs. */
  empty: string;
  trans: TranslationBundle;
}

/** The body of a dialog. */
export class HistoryView extends ReactWidget {
  constructor(private readonly options: IHistoryOptions) {
    super();
    this.addClass('jp-SessionExport-runs');
    options.history.changed.connect(this._changed, this);
  }

  override dispose(): void {
    this.options.history.changed.disconnect(this._changed, this);
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <>
        {this._content()}
        <Drawn tell={this._drawn} />
      </>
    );
  }

  private _content(): React.JSX.Element {
    const { empty, history, trans } = this.options;
    const { entries, error, hasMore, selected } = history;
    const problem = error && <Message kind="failed" text={failureText(error, trans)} />;
    if (entries.length === 0) {
      return problem ?? <p className="jp-SessionExport-empty">{empty}</p>;
    }
    return (
      <>
        <nav>
          <ul
            className="jp-SessionExport-runList"
            role="listbox"
            aria-label={trans.__('Runs')}
            onKeyDown={event => {
              this._move(event);
            }}
          >
            {entries.map(entry => (
              <li key={runKey(entry.run)} role="presentation">
                <Line
                  entry={entry}
                  isSelected={entry === selected}
                  onSelect={() => void history.select(entry)}
                  trans={trans}
                />
              </li>
            ))}
          </ul>
          {hasMore && (
            <Button label={trans.__('Show more')} onClick={() => void history.more()} />
          )}
        </nav>
        <div className="jp-SessionExport-run" aria-live="polite">
          {problem}
          {selected && <Run {...this.options} entry={selected} found={history.found} />}
        </div>
      </>
    );
  }

  /** JupyterLab's dialogs keep the Enter key for themselves: what has the focus is selected. */
  private _move(event: React.KeyboardEvent<HTMLElement>): void {
    const { history } = this.options;
    const now = history.entries.findIndex(entry => entry === history.selected);
    const place = placeAfter(event.key, now, history.entries.length);
    const entry = place === null ? undefined : history.entries[place];
    if (place === null || !entry) {
      return;
    }
    event.preventDefault();
    const options = event.currentTarget.querySelectorAll<HTMLElement>('[role=option]');
    options[place]?.focus();
    if (place !== now) {
      void history.select(entry);
    } else if (history.hasMore && place > 0) {
      void history.more();
    }
  }

  private _changed(): void {
    this.update();
  }

  /** JupyterLab's dialog looks once for what shall have the focus, maybe before React has drawn it. */
  private readonly _drawn = (): void => {
    this.node.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
  };
}

/** Tells once that what stands beside it is in the document. */
function Drawn({ tell }: { tell: () => void }): null {
  React.useLayoutEffect(tell, [tell]);
  return null;
}

/** Where a key goes in a list of so many; null for other keys. */
function placeAfter(key: string, now: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(now + 1, count - 1);
    case 'ArrowUp':
      return Math.max(now - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function Line(props: {
  entry: IEntry;
  isSelected: boolean;
  onSelect: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { entry, isSelected, onSelect, trans } = props;
  const { run, runs } = entry;
  const count = run.execution_count ?? ' ';
  return (
    <button
      type="button"
      className="jp-SessionExport-runLine"
      role="option"
      aria-selected={isSelected}
      tabIndex={isSelected ? 0 : -1}
      data-status={run.status}
      onClick={onSelect}
    >
      <span className="jp-SessionExport-runWhen">{beginText(run, trans)}</span>
      <span className="jp-SessionExport-runStatus">
        {`[${count}] ${resultText(run, trans)}`}
      </span>
      <span className="jp-SessionExport-runKernel">
        {run.current_kernel
          ? trans.__('this kernel')
          : trans.__('kernel %1', run.kernel_id.slice(0, 8))}
      </span>
      {runs !== undefined && (
        <code className="jp-SessionExport-runCode">{run.source.split('\n')[0]}</code>
      )}
    </button>
  );
}

function Run(
  props: IHistoryOptions & { entry: IEntry; found: IRunOutputs | null }
): React.JSX.Element {
  const { entry, found, rendermime, source, trans } = props;
  const { run } = entry;
  const isSame = source === null || source === run.source;
  return (
    <>
      <h3>{isSame ? trans.__('Code') : trans.__('Code: ran (−), now (+)')}</h3>
      <pre className="jp-SessionExport-diff" tabIndex={0}>
        {lineDiff(run.source, source ?? run.source).map(({ kind, text }, place) => (
          <span key={place} data-kind={kind}>
            {isSame ? text : `${MARKS[kind]} ${text}`}
            {'\n'}
          </span>
        ))}
      </pre>
      <h3>{trans.__('Outputs')}</h3>
      {found === null && <p>{trans.__('Loading …')}</p>}
      {found?.outputs.length === 0 && <p>{trans.__('It had no output.')}</p>}
      {found && found.outputs.length > 0 && (
        <Outputs key={runKey(run)} found={found} rendermime={rendermime} />
      )}
      {run.truncated && (
        <p>{trans.__('The record has the first and the last part of it.')}</p>
      )}
    </>
  );
}

/** Outputs as the notebook draws them. */
function Outputs(props: {
  found: IRunOutputs;
  rendermime: IRenderMimeRegistry;
}): React.JSX.Element {
  const { found, rendermime } = props;
  const host = React.useRef<HTMLDivElement>(null);
  // A layout effect: its end comes while the host is in the page, which Lumino asks for.
  React.useLayoutEffect(() => {
    // It ran in this server, for whom it belongs to; that makes it trusted.
    const model = new OutputAreaModel({ values: found.outputs, trusted: true });
    const area = new SimplifiedOutputArea({
      model,
      rendermime,
      maxNumberOutputs: MOST_DRAWN
    });
    if (host.current) {
      Widget.attach(area, host.current);
    }
    return () => {
      area.dispose();
      model.dispose();
    };
  }, [found, rendermime]);
  return <div ref={host} className="jp-SessionExport-runOutputs" tabIndex={0} />;
}
