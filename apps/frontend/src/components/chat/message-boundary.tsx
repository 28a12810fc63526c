"use client";

import { Component, type ReactNode } from "react";

/**
 * Keeps one message that can't be drawn from taking the page with it: `fallback` is shown in its place.
 * Another `of` is another try.
 */
export class MessageBoundary extends Component<
  { of: string; fallback: ReactNode; children: ReactNode },
  { failed: string | null }
> {
  override state: { failed: string | null } = { failed: null };

  override componentDidCatch(): void {
    this.setState({ failed: this.props.of });
  }

  static getDerivedStateFromError(): { failed: string } {
    return { failed: "" };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    const { of, fallback, children } = this.props;
    return failed === null || (failed !== "" && failed !== of) ? children : fallback;
  }
}
