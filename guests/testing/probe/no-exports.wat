;; A component that is nothing.
(component)
