/** A session's own files. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon, downloadIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { sizeText } from '../texts';
import type { IOwnFile } from './contract';
import { Button, DownloadLink } from './parts';
import { agoText, momentText } from './texts';

/** How many files are listed before somebody asks for more, and how many more then. */
const PAGE = 50;

/** Categories that can be had as one ZIP. */
const PACKED = ['single', 'bulk'];

export interface IFilesProps {
  files: readonly IOwnFile[] | null;
  isBusy: boolean;
  urlOf: (file: IOwnFile) => string;
  urlOfAll: (category: string) => string;
  onDelete: (file: IOwnFile) => void;
  now: number;
  trans: TranslationBundle;
}

export function FilesView(props: IFilesProps): React.JSX.Element {
  const { files, trans } = props;
  const [limit, setLimit] = React.useState(PAGE);
  if (!files || files.length === 0) {
    return (
      <p className="jp-SessionExport-empty">
        {files
          ? trans.__('None. Code saves files here with session_files.')
          : trans.__('Loading …')}
      </p>
    );
  }
  return (
    <>
      <PackedLinks {...props} files={files} />
      <ul className="jp-SessionExport-files">
        {files.slice(0, limit).map(file => (
          <FileRow key={file.path} {...props} file={file} />
        ))}
      </ul>
      {files.length > limit && (
        <Button
          label={trans.__('Show more (%1 of %2)', limit, files.length)}
          onClick={() => {
            setLimit(limit + PAGE);
          }}
        />
      )}
    </>
  );
}

/** Links to all files of a category, where there are several. */
function PackedLinks(
  props: IFilesProps & { files: readonly IOwnFile[] }
): React.JSX.Element {
  const { files, urlOfAll, trans } = props;
  const packed = PACKED.map(
    category =>
      [category, files.filter(file => file.category === category).length] as const
  ).filter(([, count]) => count > 1);
  return (
    <>
      {packed.map(([category, count]) => (
        <a
          key={category}
          className="jp-SessionExport-link"
          href={urlOfAll(category)}
          download={`${category}.zip`}
        >
          {trans.__('All %1 files in %2/ as ZIP', count, category)}
        </a>
      ))}
    </>
  );
}

function FileRow(props: IFilesProps & { file: IOwnFile }): React.JSX.Element {
  const { file, isBusy, urlOf, onDelete, now, trans } = props;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return (
    <li className="jp-SessionExport-file">
      <span className="jp-SessionExport-fileText">
        <span className="jp-SessionExport-path" title={file.path}>
          {file.path}
        </span>
        <span className="jp-SessionExport-figures" title={momentText(file.modified)}>
          {trans.__('%1, %2', sizeText(file.bytes), agoText(file.modified, now, trans))}
        </span>
      </span>
      <DownloadLink
        href={urlOf(file)}
        filename={name}
        about={trans.__('Download %1', file.path)}
        icon={downloadIcon}
      />
      <Button
        label={trans.__('Delete')}
        about={trans.__('Delete %1', file.path)}
        icon={deleteIcon}
        iconOnly
        disabled={isBusy}
        onClick={() => {
          onDelete(file);
        }}
      />
    </li>
  );
}
