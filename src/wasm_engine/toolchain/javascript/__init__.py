"""Builds the component that runs `.js` agents: QuickJS, the SDK and what binds them to WIT."""
