// Reads leaf data in hex, a line each, and prints the RFC 6962 root in base64.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"log"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	size := int64(0)
	for ; lines.Scan(); size++ {
		leaf, err := hex.DecodeString(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		hashes, _ := tlog.StoredHashes(size, leaf, reader)
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil || lines.Err() != nil {
		log.Fatal(err, lines.Err())
	}
	fmt.Println(root)
}
