// What the images of the story run: it waits.
package main

import "time"

func main() {
	for {
		time.Sleep(time.Hour)
	}
}
