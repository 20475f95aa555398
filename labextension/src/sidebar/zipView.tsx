/** What would be in a session's ZIP, to choose from. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { sizeText } from '../texts';
import { withSection, type IChoice } from './choice';
import {
  SECTIONS,
  type Compression,
  type ISectionFigures,
  type IStats,
  type Section
} from './contract';
import { choiceText, sectionMeaning, sectionName } from './texts';

export interface IZipProps {
  choice: IChoice;
  stats: IStats | null;
  onChoose: (change: (choice: IChoice) => IChoice) => void;
  trans: TranslationBundle;
}

export function ZipView(props: IZipProps): React.JSX.Element {
  const { choice, stats, onChoose, trans } = props;
  return (
    <div className="jp-SessionExport-zip">
      <fieldset className="jp-SessionExport-sections">
        <legend className="jp-SessionExport-hidden">{trans.__('What to include')}</legend>
        {SECTIONS.map(section => (
          <SectionRow
            key={section}
            section={section}
            figures={stats?.sections?.[section]}
            isTaken={choice.include.includes(section)}
            onChange={taken => {
              onChoose(before => withSection(before, section, taken));
            }}
            trans={trans}
          />
        ))}
      </fieldset>
      <p className="jp-SessionExport-sum">{choiceText(choice, stats, trans)}</p>
      <CompressionRow {...props} />
    </div>
  );
}

function SectionRow(props: {
  section: Section;
  figures: ISectionFigures | null | undefined;
  isTaken: boolean;
  onChange: (taken: boolean) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { section, figures, isTaken, onChange, trans } = props;
  const isEmpty = figures?.entries === 0;
  return (
    <label
      className="jp-SessionExport-section"
      title={sectionMeaning(section, trans)}
      data-empty={isEmpty || undefined}
    >
      <input
        type="checkbox"
        checked={isTaken}
        onChange={event => {
          onChange(event.currentTarget.checked);
        }}
      />
      <span className="jp-SessionExport-sectionName">{sectionName(section, trans)}</span>
      <span className="jp-SessionExport-figures">
        <Figures figures={figures} trans={trans} />
      </span>
    </label>
  );
}

/** Nothing while it is not known, in words what would take too long to measure. */
function Figures(props: {
  figures: ISectionFigures | null | undefined;
  trans: TranslationBundle;
}): React.JSX.Element | string {
  const { figures, trans } = props;
  if (figures === undefined) {
    return '';
  }
  if (figures === null) {
    return trans.__('not measured');
  }
  const { entries, bytes } = figures;
  return entries === 0 ? (
    trans.__('none')
  ) : (
    <>
      <span className="jp-SessionExport-entries">
        {trans._n('%1 entry', '%1 entries', entries)}
      </span>
      {sizeText(bytes)}
    </>
  );
}

function CompressionRow(props: IZipProps): React.JSX.Element {
  const { choice, onChoose, trans } = props;
  const name = React.useId();
  const kinds: [Compression, string, string][] = [
    ['maximum', trans.__('Maximum'), trans.__('The smallest ZIP')],
    ['fast', trans.__('Fast'), trans.__('Ready sooner, somewhat larger')]
  ];
  return (
    <fieldset className="jp-SessionExport-compression">
      <legend>{trans.__('Compression')}</legend>
      {kinds.map(([compression, label, title]) => (
        <label key={compression} title={title}>
          <input
            type="radio"
            name={name}
            checked={choice.compression === compression}
            onChange={() => {
              onChoose(before => ({ ...before, compression }));
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
