/** One export: how far it is while it runs, what became of it afterwards. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { downloadIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { IExportJob, ISending } from '../api';
import { CANCELLED_BY_USER } from '../errors';
import { sizeText } from '../texts';
import type { ExportsModel } from './exports';
import { LeftOutView } from './leftOutView';
import { Bar, Button } from './parts';
import { reachOf } from './reach';
import {
  agoText,
  jobStateText,
  leftOutText,
  momentText,
  paceText,
  preparingText,
  sendingText
} from './texts';

export interface IExportProps {
  job: IExportJob;
  /** "Session 42", where that is known. */
  sessionName: string | null;
  exports: ExportsModel;
  now: number;
  onCancel: (job: IExportJob) => void;
  onDownload: (job: IExportJob) => void;
  trans: TranslationBundle;
}

export function RunningExport(props: IExportProps): React.JSX.Element {
  const { job, exports, onCancel, trans } = props;
  const isCancelling = exports.isCancelling(job.id);
  return (
    <li className="jp-SessionExport-export" data-export={job.id} data-state={job.state}>
      <ExportHead {...props}>
        <Button
          label={isCancelling ? trans.__('Cancelling …') : trans.__('Cancel')}
          about={trans.__('Cancel %1', job.filename)}
          disabled={isCancelling}
          onClick={() => {
            onCancel(job);
          }}
        />
      </ExportHead>
      {job.state === 'preparing' ? (
        <Preparing {...props} />
      ) : (
        job.downloads.map(one => (
          <Sending key={one.started_at} {...props} transfer={one} />
        ))
      )}
    </li>
  );
}

/** What it is of, and its file; two of a day have the same name, so the time is told, too. */
function ExportHead(
  props: IExportProps & { children?: React.ReactNode }
): React.JSX.Element {
  const { job, sessionName, children, trans } = props;
  const what = job.scope === 'notebook' ? job.path : sessionName;
  return (
    <>
      <div className="jp-SessionExport-exportHead">
        <span className="jp-SessionExport-path" title={momentText(job.created_at)}>
          {what ?? trans.__('Export')}
        </span>
        {children}
      </div>
      <div className="jp-SessionExport-figures">{job.filename}</div>
    </>
  );
}

function Preparing({ job, trans }: IExportProps): React.JSX.Element {
  const { percent, entries_total, bytes_per_second, remaining } = job.progress;
  const text = preparingText(job, trans);
  return (
    <Progress
      percent={entries_total === 0 ? null : percent}
      text={text}
      pace={paceText(bytes_per_second, remaining, trans)}
    />
  );
}

function Sending(props: IExportProps & { transfer: ISending }): React.JSX.Element {
  const { job, transfer, exports, trans } = props;
  const { percent, whole } = reachOf(transfer);
  const speed = exports.speed(job, transfer);
  const remaining = whole === null ? null : speed?.remaining(whole);
  return (
    <Progress
      percent={percent}
      text={sendingText(transfer, trans)}
      pace={paceText(speed?.bytesPerSecond ?? null, remaining ?? null, trans)}
    />
  );
}

function Progress(props: {
  percent: number | null;
  text: string;
  pace: string;
}): React.JSX.Element {
  const { percent, text, pace } = props;
  return (
    <>
      <Bar percent={percent} label={text} />
      <div className="jp-SessionExport-progress">
        <span>{text}</span>
        <span>{pace}</span>
      </div>
    </>
  );
}

export function FinishedExport(props: IExportProps): React.JSX.Element {
  const { job, exports, now, onDownload, trans } = props;
  const size = job.bytes === null ? [] : [sizeText(job.bytes)];
  // The list of them went with the ZIP; how many there were is still known.
  const isListGone = job.state === 'expired' && job.left_out > 0;
  const facts = [
    jobStateText(job, trans),
    ...size,
    ...(isListGone ? [leftOutText(job.left_out, trans)] : []),
    agoText(job.finished_at ?? job.created_at, now, trans)
  ];
  return (
    <li className="jp-SessionExport-export" data-export={job.id} data-state={job.state}>
      <ExportHead {...props}>
        {job.state === 'ready' && (
          <Button
            label={trans.__('Download')}
            about={trans.__('Download %1 again', job.filename)}
            title={trans.__('Download this ZIP again; it is kept for a while')}
            icon={downloadIcon}
            onClick={() => {
              onDownload(job);
            }}
          />
        )}
      </ExportHead>
      <div className="jp-SessionExport-figures">{facts.join(' · ')}</div>
      {job.error && <ExportError job={job} />}
      {job.state === 'ready' && job.left_out > 0 && (
        <LeftOutView count={job.left_out} model={exports.leftOut(job.id)} trans={trans} />
      )}
    </li>
  );
}

function ExportError({ job }: { job: IExportJob }): React.JSX.Element | null {
  const { error } = job;
  // That somebody cancelled it is said already.
  if (!error || error.code === CANCELLED_BY_USER || job.state === 'expired') {
    return null;
  }
  return (
    <div className="jp-SessionExport-reason">
      {[error.message, error.detail].filter(Boolean).join(' ')}
    </div>
  );
}
