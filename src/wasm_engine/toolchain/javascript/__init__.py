"""Builds the component that runs `.js` agents: QuickJS, the guest SDK and what binds them to WIT."""
