import {
  Component,
  type ComponentType,
  type LazyExoticComponent,
  lazy,
  type ReactNode,
  Suspense,
} from "react";
import { UimError } from "../../../sdk/index.ts";
import { reloadIfServed } from "../shell/new-build.ts";
import { useText } from "../text/text.tsx";
import { notify } from "./announcer.tsx";
import { Button } from "./button.tsx";
import { Failed } from "./states.tsx";

/** A component that is loaded when it is shown for the first time. */
export function lazily<Props>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch (cause) {
      throw new UimError("network", "A part of the page could not be loaded", { cause });
    }
  });
}

/** A part of the page that may have to be loaded, and may break: the others go on without it. */
export function Part({
  loading,
  broken = (error) => <Broken error={error} />,
  children,
}: {
  loading?: ReactNode;
  broken?: (error: unknown) => ReactNode;
  children: ReactNode;
}) {
  return (
    <Boundary broken={broken}>
      <Suspense fallback={loading}>{children}</Suspense>
    </Boundary>
  );
}

/** The same for what lies over the page for a while, and can be closed. */
export function Layer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return <Part broken={(error) => <BrokenLayer error={error} onClose={onClose} />}>{children}</Part>;
}

interface Caught {
  readonly error: unknown;
}

class Boundary extends Component<
  { broken: (error: unknown) => ReactNode; children: ReactNode },
  { caught: Caught | null }
> {
  static getDerivedStateFromError(error: unknown): { caught: Caught } {
    return { caught: { error } };
  }

  override state: { caught: Caught | null } = { caught: null };

  override render(): ReactNode {
    const { caught } = this.state;
    return caught ? this.props.broken(caught.error) : this.props.children;
  }
}

/** Tried again with the whole page: what could not be loaded once, a browser may not load again before that. */
export function Broken({ error, children }: { error: unknown; children?: ReactNode }) {
  const text = useText();
  const reload = async () => {
    if (!(await reloadIfServed())) notify(text.errors.network);
  };
  return (
    <Failed error={error} onRetry={() => void reload()}>
      {children}
    </Failed>
  );
}

function BrokenLayer({ error, onClose }: { error: unknown; onClose: () => void }) {
  const text = useText();
  return (
    <div className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-w-sm flex-col rounded-t-2xl border border-line bg-raised shadow-2xl">
      <Broken error={error}>
        <Button kind="quiet" autoFocus onClick={onClose}>
          {text.close}
        </Button>
      </Broken>
    </div>
  );
}
