/** What an export left out, and why. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { failureText } from '../texts';
import type { LeftOutModel } from './leftOut';
import { Button, Fold, Message } from './parts';
import { leftOutText, reasonText } from './texts';

export function LeftOutView(props: {
  count: number;
  model: LeftOutModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { count, model, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const toggle = () => {
    setOpen(!isOpen);
    if (!isOpen && model.total === null) {
      void model.more();
    }
  };
  return (
    <Fold label={leftOutText(count, trans)} isOpen={isOpen} onToggle={toggle}>
      <ul className="jp-SessionExport-leftOut">
        {model.lines.map((line, number) => (
          <li key={number}>
            <span className="jp-SessionExport-path">{line.path || line.source}</span>
            <span className="jp-SessionExport-reason">{reasonText(line, trans)}</span>
          </li>
        ))}
      </ul>
      <LeftOutEnd model={model} trans={trans} />
    </Fold>
  );
}

/** What stands below the list: what went wrong, or a way to the rest of it. */
function LeftOutEnd(props: {
  model: LeftOutModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { model, trans } = props;
  const more = () => {
    void model.more();
  };
  if (model.error) {
    return (
      <Message kind="failed" text={failureText(model.error, trans)}>
        <Button label={trans.__('Retry')} disabled={model.busy} onClick={more} />
      </Message>
    );
  }
  if (model.total === null) {
    return <p className="jp-SessionExport-empty">{trans.__('Loading …')}</p>;
  }
  return model.hasMore ? (
    <Button
      label={trans.__('Show more (%1 of %2)', model.lines.length, model.total)}
      disabled={model.busy}
      onClick={more}
    />
  ) : null;
}
