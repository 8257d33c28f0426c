// Checks what dcm-billing writes with golang.org/x/mod/sumdb, which knows nothing of it.
//
//	interop leaves VKEY NOTE             leaf data in hex on stdin: their root is the one signed
//	interop proof VKEY PROOF LEAF        a tlog-proof of the leaf data in hex
//	interop consistency VKEY OLD NEW PROOF
//	interop cosigned VKEY NOTE WITNESS   also signed by a witness (C2SP tlog-cosignature)
//	interop both VKEY NOTE OTHER         also signed by another key of the log
//	interop tiles VKEY FOLDER            a tile log: checkpoint, every hash, every entry
//
// Prints what it found and exits with 0, or says why not and exits with 1.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err)
	return data
}

// The tree that a note signs for the key.
func open(text []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		log.Fatalf("no checkpoint of the log: %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// The key of a witness, which sumdb/note knows no kind of.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const cosignature = 4 // the first byte of such a key

func newCosigner(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		log.Fatalf("no verifier key: %q", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(id[:])
	if len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature || parts[1] != fmt.Sprintf("%08x", hash) {
		log.Fatalf("no key of a witness: %q", vkey)
	}
	return cosigner{parts[0], hash, key[1:]}
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(signed), signature[8:])
}

// That the log's key and the other one signed the note.
func checkSigners(text []byte, vkey string, other note.Verifier) {
	tree := open(text, vkey)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier, other))
	must(err)
	if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("%d of the two signed it", len(opened.Sigs))
	}
	fmt.Println("both signed the tree of", tree.N)
}

func hashes(text string) (found []tlog.Hash) {
	for _, line := range strings.Fields(text) {
		hash, err := tlog.ParseHash(line)
		must(err)
		found = append(found, hash)
	}
	return found
}

func checkLeaves(tree tlog.Tree) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	count := int64(0)
	for ; lines.Scan(); count++ {
		leaf, err := hex.DecodeString(lines.Text())
		must(err)
		added, err := tlog.StoredHashes(count, leaf, reader)
		must(err)
		stored = append(stored, added...)
	}
	must(lines.Err())
	root, err := tlog.TreeHash(count, reader)
	must(err)
	if count != tree.N || root != tree.Hash {
		log.Fatalf("%d leaves with root %v, signed are %d with %v", count, root, tree.N, tree.Hash)
	}
	fmt.Println(count, "leaves have the root that is signed")
}

func checkProof(vkey string, proof, leafHex []byte) {
	head, text, _ := bytes.Cut(proof, []byte("\n\n"))
	lines := strings.SplitN(string(head), "\n", 3)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err)
	leaf, err := hex.DecodeString(strings.TrimSpace(string(leafHex)))
	must(err)
	tree := open(text, vkey)
	path := hashes(strings.Join(lines[2:], ""))
	must(tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
	fmt.Println("leaf", index, "is in the tree that is signed")
}

// Reads tiles as c2sp.org/tlog-tiles names them; sumdb puts the height in front.
type folder string

func (f folder) Height() int                         { return tileHeight }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		content, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		data = append(data, content)
	}
	return data, nil
}

func entries(bundle []byte) (leaves [][]byte) {
	for len(bundle) > 0 {
		size := int(binary.BigEndian.Uint16(bundle))
		leaves = append(leaves, bundle[2:2+size])
		bundle = bundle[2+size:]
	}
	return leaves
}

func checkTiles(vkey, dir string) {
	tree := open(read(filepath.Join(dir, "checkpoint")), vkey)
	reader := tlog.TileHashReader(tree, folder(dir)) // verifies each tile against the root
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := 1 << tileHeight
		if tree.N-first < int64(width) {
			width = int(tree.N - first)
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: width}
		name := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/data/")
		leaves := entries(read(filepath.Join(dir, name)))
		if len(leaves) != width {
			log.Fatalf("%s holds %d entries, expected %d", name, len(leaves), width)
		}
		for i, leaf := range leaves {
			found, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first+int64(i))})
			must(err)
			if found[0] != tlog.RecordHash(leaf) {
				log.Fatalf("entry %d is not the one of the tree", first+int64(i))
			}
		}
	}
	fmt.Println(tree.N, "entries are those of the tree that is signed")
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("see the head of main.go")
	}
	vkey, rest := os.Args[2], os.Args[3:]
	switch os.Args[1] {
	case "leaves":
		checkLeaves(open(read(rest[0]), vkey))
	case "proof":
		checkProof(vkey, read(rest[0]), read(rest[1]))
	case "consistency":
		old, after := open(read(rest[0]), vkey), open(read(rest[1]), vkey)
		must(tlog.CheckTree(hashes(string(read(rest[2]))), after.N, after.Hash, old.N, old.Hash))
		fmt.Println("the tree of", after.N, "continues that of", old.N)
	case "cosigned":
		checkSigners(read(rest[0]), vkey, newCosigner(rest[1]))
	case "both":
		other, err := note.NewVerifier(rest[1])
		must(err)
		checkSigners(read(rest[0]), vkey, other)
	case "tiles":
		checkTiles(vkey, rest[0])
	}
}
