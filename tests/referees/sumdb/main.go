// Reads a log as static files with Go's own golang.org/x/mod/sumdb packages: opens the checkpoint with the log's key,
// authenticates every leaf hash through tlog.TileHashReader, and hashes every entry.
// Usage: main FOLDER VKEY. Exit status 0 if everything holds.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ path string }

func (f folder) Height() int { return 8 }

// c2sp.org/tlog-tiles leaves the height out of the path; sumdb writes it.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(f.path, strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func check(path, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	// sumdb's own tree text begins with a fixed line; a checkpoint begins with the origin.
	lines := strings.SplitN(opened.Text, "\n", 2)
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1]))
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, folder{path})
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		name := fmt.Sprintf("%03d.p/%d", first/256, width)
		if width >= 256 {
			width, name = 256, fmt.Sprintf("%03d", first/256)
		}
		bundle, err := os.ReadFile(filepath.Join(path, "tile/entries", name))
		if err != nil {
			return err
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("bundle %s breaks off", name)
			}
			size := int(binary.BigEndian.Uint16(bundle))
			hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first+i)})
			if err != nil {
				return err
			}
			leaf := sha256.Sum256(append([]byte{0}, bundle[2:2+size]...))
			if tlog.Hash(leaf) != hashes[0] {
				return fmt.Errorf("entry %d does not have its hash", first+i+1)
			}
			bundle = bundle[2+size:]
		}
		if len(bundle) != 0 {
			return fmt.Errorf("bundle %s has bytes left over", name)
		}
	}
	fmt.Println(lines[0], tree.N)
	return nil
}

func main() {
	if err := check(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
