;; Needs a proposal that is off: exceptions.
(component (core module (tag $t) (func (throw $t))))
