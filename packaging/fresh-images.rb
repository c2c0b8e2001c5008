# The Homebrew formula. The release workflow writes the version and the checksums in.
class FreshImages < Formula
  desc "Find container images that can go stale in Kubernetes manifests"
  homepage "https://github.com/fresh-images/fresh-images"
  version "VERSION"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/fresh-images/fresh-images/releases/download/vVERSION/fresh-images-aarch64-apple-darwin.tar.gz"
      sha256 "SHA256_aarch64-apple-darwin"
    end
    on_intel do
      url "https://github.com/fresh-images/fresh-images/releases/download/vVERSION/fresh-images-x86_64-apple-darwin.tar.gz"
      sha256 "SHA256_x86_64-apple-darwin"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/fresh-images/fresh-images/releases/download/vVERSION/fresh-images-aarch64-unknown-linux-musl.tar.gz"
      sha256 "SHA256_aarch64-unknown-linux-musl"
    end
    on_intel do
      url "https://github.com/fresh-images/fresh-images/releases/download/vVERSION/fresh-images-x86_64-unknown-linux-musl.tar.gz"
      sha256 "SHA256_x86_64-unknown-linux-musl"
    end
  end

  def install
    bin.install "fresh-images"
    man1.install Dir["man/*.1"]
    generate_completions_from_executable(bin/"fresh-images", "completions")
  end

  test do
    (testpath/"pod.yaml").write <<~YAML
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec: {containers: [{name: web, image: "nginx:1.25"}]}
    YAML
    assert_match "mutable-image", shell_output("#{bin}/fresh-images check pod.yaml", 1)
  end
end
