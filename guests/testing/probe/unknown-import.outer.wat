(import "evil:host/door@1.0.0" (instance (export "open" (func (result u32)))))
