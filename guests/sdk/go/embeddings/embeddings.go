// Package embeddings is for models that turn texts into vectors, granted as `model:NAME`.
package embeddings

// Embed makes a vector of each text.
func Embed(model string, texts ...string) ([][]float32, error) {
	numbers, err := abiEmbed(model, texts)
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	dimensions := len(numbers) / len(texts)
	vectors := make([][]float32, len(texts))
	for n := range vectors {
		vectors[n] = numbers[n*dimensions : (n+1)*dimensions : (n+1)*dimensions]
	}
	return vectors, nil
}

// Dimensions is how many numbers a vector has.
func Dimensions(model string) (uint32, error) { return abiDimensions(model) }
